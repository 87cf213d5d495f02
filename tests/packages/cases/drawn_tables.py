"""Tables of other kinds.

+-----+-------+
| key | value |
+=====+=======+
| a   | 1     |
+-----+-------+

A table without borders is drawn with rules, and stands here as it was drawn:

=====  =====
one    two
=====  =====
1      2
=====  =====

The next table is one of Markdown, which has a row of dashes below its first:

| sign | meaning |
|------|---------|
| `+`  | sum     |

>>> from tables import draw
>>> print(draw())
guido   pts/2   <Dec  2 11:10>

>>>

Note that it reads all.

A class diagram:

                        CookieJar____
                        /     \      \
            FileCookieJar      \      \
             /    |   \         \      \
 MozillaCookieJar | LWPCookieJar \      \
                  |               |      \
"""
# Here's a quote about the format.
#
# | The format is as follows. Each line consists of:
# |
# | host rfc931 authuser [DD/Mon/YYYY:hh:mm:ss] "request"
# |
# |        host: The name of the client
# |              *not including the header*, - if not available
#
# (Actually, it is not.)
x = 1
