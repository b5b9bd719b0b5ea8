// What all of the command uses of the system. Not all of Foundation: its tables of languages would be two thirds of the
// program, and take a third of the time that a small picture needs.

#if canImport(FoundationEssentials)
  @_exported public import FoundationEssentials
#else
  @_exported public import Foundation
#endif
#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#elseif canImport(Darwin)
  @_exported public import Darwin
#endif

// Functions of the system under names that no type's own hide.

package func systemOpen(_ path: [CChar], _ flags: CInt, _ mode: mode_t = 0) -> CInt {
  open(path, flags, mode)
}

package func systemRead(_ descriptor: CInt, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

package func systemExit(_ status: CInt) -> Never { exit(status) }
