"""What the promises about speed are measured with: ratios against a reference taken in the same run."""
