"""WeChat: Tencent's published vectors, independent implementations, and the fake held to what Tencent does."""
