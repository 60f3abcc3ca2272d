from pipeline_lib.reporting.contents import Entry, headings, listed


def test_headings_with_an_anchor_are_entries_without_the_numbers_beside_them():
    shown = (
        '<h2>Results</h2>\n<h3 id="a">Tags on\n<b>test</b> <small>8 images</small></h3><h3>No</h3>'
    )
    assert headings(shown) == [Entry("a", "Tags on\n<b>test</b>")]


def test_titles_are_text_and_headings_markup():
    (entry,) = listed([("run-1", "Run <b>", "rival & son", '<h3 id="run-1-a">A &amp; B</h3>')])
    assert (entry.title, entry.run) == ("Run &lt;b&gt;", "rival & son")
    assert entry.entries == [Entry("run-1-a", "A &amp; B")]
