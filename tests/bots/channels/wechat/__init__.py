"""WeChat channels against Tencent played over HTTP."""
