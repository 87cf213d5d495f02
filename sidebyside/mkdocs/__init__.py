"""The MkDocs plugin, and what it needs: options, pictures, errors, a place to build."""

from sidebyside.mkdocs.plugin import SideBySidePlugin as SideBySidePlugin
