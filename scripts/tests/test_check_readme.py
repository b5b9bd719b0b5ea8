from check_readme import check, command_lines, dead_links

DOCUMENT = """
Text with rdcodec compress in it.

    make demo
    rdcodec one a.png   # a comment
    cat b | rdcodec two \\
      --more

```swift
rdcodec never
```

```sh
rdcodec three
```
"""


def test_takes_the_lines_of_code_that_run_the_command():
    assert command_lines(DOCUMENT) == [
        (5, "rdcodec one a.png   # a comment"),
        (6, "cat b | rdcodec two --more"),
        (14, "rdcodec three"),
    ]


def test_failing_lines_and_dead_links_are_named(tmp_path):
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\n[ "$1" != bad ] || { echo broken >&2; exit 65; }\n')
    program.chmod(0o755)
    document = tmp_path / "A.md"
    document.write_text(
        "[a](A.md) [b](gone.md#x) [c](https://example.org)\n\n"
        "    rdcodec good samples/icon.png\n    rdcodec bad\n"
    )
    assert dead_links(document) == ["gone.md"]
    count, failures = check(document, program)
    assert count == 2
    assert failures == [
        "A.md: no file behind the link to gone.md",
        "A.md:4: rdcodec bad\n  exit status 65: broken",
    ]
