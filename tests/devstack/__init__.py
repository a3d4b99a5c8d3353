"""The development stack is tried as a developer runs it: real processes, real signals, a state folder of its own."""
