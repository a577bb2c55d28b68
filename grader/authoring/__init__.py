"""For those who write katas: verify, mutate, blind, scaffold."""
