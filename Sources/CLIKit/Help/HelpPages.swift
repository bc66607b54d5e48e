/// Pages of help that belong to no command alone. At most 80 columns wide.
enum HelpPages {
    static let all: KeyValuePairs = [
        "exit-codes": exitCodes, "environment": environment, "times": times, "formats": formats,
    ]

    private static let exitCodes = """
        EXIT CODES
          0       Done. Also when a list is empty.
          1       Failed for a local reason, such as a file that cannot be read;
                  also when 'ping' or 'health' finds something not serving.
          2       Wrong usage.
          3       Some of several items failed.
          5       The server was not reached: its name, the connection, TLS. The
                  call never left.
          64 + n  The call ended with gRPC status n:
                    65 CANCELLED             73 FAILED_PRECONDITION
                    66 UNKNOWN               74 ABORTED
                    67 INVALID_ARGUMENT      75 OUT_OF_RANGE
                    68 DEADLINE_EXCEEDED     76 UNIMPLEMENTED
                    69 NOT_FOUND             77 INTERNAL
                    70 ALREADY_EXISTS        78 UNAVAILABLE
                    71 PERMISSION_DENIED     79 DATA_LOSS
                    72 RESOURCE_EXHAUSTED    80 UNAUTHENTICATED
          130     Interrupted (SIGINT). A second one ends the program at once.
          141     The reader of the output went away (SIGPIPE).
          143     Terminated (SIGTERM).
        """

    private static let environment = """
        ENVIRONMENT
          An option wins over its variable. An empty variable counts as unset.

          NEWSRPC_SERVER   Server to call when --server is not given.
                           Without both: 127.0.0.1:50051.
          NEWSRPC_ADMIN_SERVER
                           The same for 'admin' commands.
                           Without both: 127.0.0.1:50052.
          NEWSRPC_TOKEN    Bearer token when neither --token nor --token-file is
                           given. Without TLS it goes to this machine only,
                           unless --insecure-token is given.
          NEWSRPC_TLS      Not empty and not 0: --tls.
          NEWSRPC_CACERT, NEWSRPC_CERT, NEWSRPC_KEY, NEWSRPC_SERVER_NAME
                           Like --cacert, --cert, --key and --server-name. None
                           of the five counts for a unix socket.
          NEWSRPC_OUTPUT   Format when -o is not given. A command that lacks the
                           format passes over it.
          NO_COLOR         No colour, unless --color says otherwise.
          FORCE_COLOR, CLICOLOR_FORCE
                           Colour also when the output is no terminal. 0: unset.
          TERM             "dumb": no colour.
          LC_ALL, LC_CTYPE, LANG
                           Unless the first that is set names UTF-8, marks such
                           as the ellipsis are printed in ASCII.
          TZ               Zone of articles that do not tell theirs.
        """

    private static let times = """
        TIMES
          --since and --until take, in the zone of --tz or else the store's:

          2026                    a year
          2026-02                 a month
          2026-02-27              a day
          2026-02-27T15:55        a local time
          2026-02-27T15:55:00Z    an instant, also with +08:00 (RFC 3339)
          -90m, -36h, -7d, -2w    so long ago
          now, today, yesterday

          A year, a month or a day is taken whole by both options:
          --since 2026-02 --until 2026-02 lists all of February. An instant or
          a local time given to --until is not itself included.

          An article of which only the day is known is listed under that day,
          wherever the reader sits. One without a date is listed only when
          neither option is given, last.
        """

    private static let formats = """
        FORMATS
          -o table   Columns that line up. Default of 'list' on a terminal.
             wide    The same with more columns.
             text    For people. Default of all other commands.
             json    One JSON value: an object, or an array for a list.
             jsonl   One JSON object on each line; 'import' reads it again.
             tsv     Tab-separated with a head line; a tab, line feed, return or
                     backslash in a field is written \\t, \\n, \\r or \\\\.
                     Default of 'list' when the output is no terminal.
             csv     Comma-separated with a head line (RFC 4180).
             name    Resource names, one on each line.

          JSON has the field names of the contract in lowerCamelCase. 64-bit
          integers are numbers. Enumerations lack the prefix of their type: DAY
          for TIME_PRECISION_DAY. Times are UTC. stats has the counters that are
          known, also those that are 0.

          Only on a terminal is anything cut or wrapped; --width does it
          anywhere. Errors go to the standard error; with -o json they are a
          google.rpc.Status.
        """
}
