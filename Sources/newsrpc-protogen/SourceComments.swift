internal import CNewsProto

/// The comments before the parts of one file, by the path that SourceCodeInfo gives each part.
struct SourceComments {
    private var comments: [[Int32]: String] = [:]

    init(_ info: UnsafeMutablePointer<Google__Protobuf__SourceCodeInfo>?) {
        guard let info = unsafe info else { return }
        for index in 0..<(unsafe info.pointee.n_location) {
            guard let location = unsafe info.pointee.location[index],
                unsafe location.pointee.has_leading_comments != 0
            else { continue }
            let path = unsafe Array(UnsafeBufferPointer(start: location.pointee.path, count: location.pointee.n_path))
            comments[path] = unsafe DescriptorReader.text(location.pointee.leading_comments)
        }
    }

    /// The comment as written, each line after its `//`. Empty when there is none.
    subscript(path: [Int32]) -> String { comments[path] ?? "" }
}
