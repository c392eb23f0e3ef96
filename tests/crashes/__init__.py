"""What members see when replicas die, answers get lost and databases go away."""
