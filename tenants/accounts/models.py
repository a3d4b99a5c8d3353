"""The users of one tenant, in its schema."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from guanxi.common import clock


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new user; without a password nobody can sign in as it until one is set by a link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who can sign in to this workspace. What the person may do there is the Member's."""

    email = models.EmailField(max_length=254)
    phone = models.TextField(default="", blank=True)
    name = models.TextField(default="")
    locale = models.TextField(default="zh-CN")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        # A constraint makes one index; `unique=True` on a text column would make a second one for LIKE, in every
        # tenant.
        constraints = [models.UniqueConstraint(fields=["email"], name="one_user_an_email")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """Return the name that mails greet with."""
        return self.name or self.email
