"""OAuth 2.1 by the SDK's own client, driven over connections of ours. Nothing of the SDK loads before it is needed."""
