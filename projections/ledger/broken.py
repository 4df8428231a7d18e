"""What a keeper of a tree raises where the tree cannot go on."""


class LedgerBroken(Exception):
    """the ledger cannot go on: the log does not fit it

    `erstwhile verify` says where and how.
    """
