extension ProtoDuration {
    /// A duration, cut to nanoseconds.
    package init(_ duration: Duration) {
        self.init()
        let (seconds, attoseconds) = duration.components
        self.seconds = seconds
        nanos = Int32(attoseconds / 1_000_000_000)
    }
}
