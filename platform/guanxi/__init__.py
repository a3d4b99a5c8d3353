"""Guanxi: the kernel that the tenants, the CRM, the bots and billing stand on."""
