import Testing

@testable import Basis

@Suite struct DigestTests {
    @Test func sha1OfTheStandardsExamples() {
        #expect(Hexadecimal.encode(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(Hexadecimal.encode(SHA1.hash(Array(long.utf8))) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(Hexadecimal.encode(SHA1.hash([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    /// RFC 2202 section 3, cases 1, 2 and 6.
    @Test func hmacOfRFC2202() {
        let first = HMACSHA1.authenticate(Array("Hi There".utf8), key: [UInt8](repeating: 0x0B, count: 20))
        #expect(Hexadecimal.encode(first) == "b617318655057264e28bc0b6fb378c8ef146be00")
        let second = HMACSHA1.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hexadecimal.encode(second) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        let text = "Test Using Larger Than Block-Size Key - Hash Key First"
        let sixth = HMACSHA1.authenticate(Array(text.utf8), key: [UInt8](repeating: 0xAA, count: 80))
        #expect(Hexadecimal.encode(sixth) == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
    }

    @Test func hmacOfAMessageInParts() {
        let message = (0..<200).map { UInt8($0) }
        let whole = HMACSHA1.authenticate(message, key: [1, 2, 3])
        for cut in [0, 1, 55, 56, 63, 64, 65, 128, 200] {
            var code = HMACSHA1([1, 2, 3])
            code.update(message.span.extracting(0..<cut))
            code.update(message.span.extracting(cut..<message.count))
            let digest = code.finish()
            #expect(digest.bytes == whole, "cut at \(cut)")
            var damaged = whole
            damaged[19] ^= 1
            let judged = (
                digest.equals(whole.span), digest.equals(damaged.span), digest.equals(whole.span.extracting(0..<19))
            )
            #expect(judged == (true, false, false))
        }
    }

    /// RFC 6070, cases 1 and 3.
    @Test func pbkdf2OfRFC6070() {
        let once = HMACSHA1.deriveKey(password: Array("password".utf8), salt: Array("salt".utf8), iterations: 1)
        #expect(Hexadecimal.encode(once) == "0c60c80f961f0e71f3a9b524af6012062fe037a6")
        let often = HMACSHA1.deriveKey(password: Array("password".utf8), salt: Array("salt".utf8), iterations: 4096)
        #expect(Hexadecimal.encode(often) == "4b007901b765489abead49d926f721d065a429c1")
    }

    @Test func crcOfTheCheckString() {
        #expect(CRC32.checksum(Array("123456789".utf8).span) == 0xCBF4_3926)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64OfRFC4648(_ plain: String, _ coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
    }
}
