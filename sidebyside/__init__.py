"""# sidebyside: annotated source, side by side with its math"""
