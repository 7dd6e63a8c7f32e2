"""Look of the two admin sites."""

UNFOLD = {
    "SITE_TITLE": "ChurchSaaS",
    "SITE_HEADER": "ChurchSaaS",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"form": "accounts.forms.SignInForm"},
}
