"""Everything in the untrusted process: zygote, sandbox, loading, serving. The judge never imports it."""
