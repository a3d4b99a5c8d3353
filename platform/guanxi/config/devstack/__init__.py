"""The stack on one developer's machine: embedded servers, one supervisor, the demo and the services that tests use."""
