"""What other programs hear of the workspace: webhooks."""
