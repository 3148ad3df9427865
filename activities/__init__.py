"""WHAT: payment policies as data, the recognition scale, activities and who takes part."""
