"""Where documents come from: folders on this machine, git repositories and URLs. A source yields files, in a stable
order, and a rejection with its reason for each document that it will not hand on; reading them is parsing's job.
"""
