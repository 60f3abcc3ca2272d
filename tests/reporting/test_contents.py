from pipeline_lib.reporting.contents import Entry, headings, listed


def test_headings_with_an_anchor_are_entries_without_the_numbers_beside_them():
    found = '<h3 id="a">Tags on\n<b>test</b> <small>8 images</small></h3>'
    others = '<h2>Results</h2>\n<h3>No anchor</h3><h3 id="b"></h3>'
    assert headings(others + found) == [Entry("a", "Tags on\n<b>test</b>")]


def test_titles_are_text_and_headings_markup():
    (entry,) = listed([("run-1", "Run <b>", "rival & son", '<h3 id="run-1-a">A &amp; B</h3>')])
    assert (entry.title, entry.run) == ("Run &lt;b&gt;", "rival & son")
    assert entry.entries == [Entry("run-1-a", "A &amp; B")]
