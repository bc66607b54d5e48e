internal import ArgumentParser

Protogen.main()
