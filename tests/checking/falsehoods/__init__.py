"""False formulas beside code that hides why: none of them may get a sign."""
