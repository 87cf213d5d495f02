# -*- coding: latin-1 -*-
"""Naïve"""
# ½ of it
x = "é"
