"""From the settings of a package to its report."""
