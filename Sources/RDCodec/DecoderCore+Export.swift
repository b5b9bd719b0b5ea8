// Images, options and errors are part of this library: who imports it has them.
@_exported public import DecoderCore
