"""Settings as frozen dataclasses of the standard library: what a method and a stage share.

A notebook makes them with the paper's defaults; params/ checks sections of params.yaml into them.
"""
