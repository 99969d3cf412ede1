"""How is a package for others written: a BagIt bag (RFC 8493)?"""
