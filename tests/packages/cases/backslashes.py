r"""Paths, such as \\server\share and \\.\device, and \*stars\*.

A pattern: \d+\.\d+ and \[a\] and \(b\); it ends in \\
"""


def split(p):
    # UNC drives, e.g. \\server\share or \\?\UNC\server\share
    # Device drives, e.g. \\.\device or \\?\device (i.e. r'\\?\C:').
    # * '\\?\c:\foo/bar' is invalid, and so is '\??\C:' => '\Device\HarddiskVolume2'.
    return p
