"""What members see when replicas die, responses get lost or databases fail."""
