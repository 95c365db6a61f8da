"""From any bytes handed in to a submission, or to a reason why there is none."""
