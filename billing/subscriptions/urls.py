"""Where Stripe calls."""

from django.urls import path

from billing.subscriptions.webhooks import stripe_webhook

urlpatterns = [path("stripe/webhook", stripe_webhook, name="stripe_webhook")]
