"""Where somebody is signed in: logins over the API and browsers, seen and ended by themselves."""
