// swift-tools-version: 6.2
import Glibc
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift target in one of the folders that show the tiers.
func layer(_ folder: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", swiftSettings: settings)
}

/// A C library of the distribution; imported by exactly one Swift target.
func library(_ name: String, pkgConfig: String? = nil, package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        swiftSettings: settings)
}

/// webrtc-audio-processing 1.x is built in where it is installed: Debian has it from version 13 on. Scripts/cross says
/// where the libraries of another computer lie.
let audioProcessingHeaders =
    (Context.environment["VISIOSALLE_SYSROOT"] ?? "") + "/usr/include/webrtc-audio-processing-1"
let hasAudioProcessing = access(audioProcessingHeaders, R_OK) == 0

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let nioWebSocket: [Target.Dependency] = nio + [.product(name: "NIOWebSocket", package: "swift-nio")]
let nioClient: [Target.Dependency] =
    nioWebSocket + [
        .product(name: "NIOTLS", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ]

let package = Package(
    name: "visiosalle",
    products: [.executable(name: "visiosalle", targets: ["visiosalle"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        layer("Foundations", "Basis"),
        layer("Foundations", "Devices", ["Basis"]),

        layer("Protocols", "ICE", ["Basis"]),
        layer("Protocols", "RTP", ["Basis"]),
        layer("Protocols", "XMPP", ["Basis"]),
        layer("Protocols", "Jitsi", ["Basis"]),
        layer("Protocols", "HID", ["Basis"]),
        layer("Protocols", "CEC", ["Basis", "Devices"]),

        layer("Product", "Room", ["Basis", "Devices"]),
        layer("Product", "Scene", ["Basis", "Devices", "Room"]),
        layer("Product", "Provisioning", ["Basis", "Devices", "TOML"]),
        layer("Product", "Controls", ["Basis", "Devices"]),

        layer("Engines", "DTLSSRTP", ["Basis", "COpenSSL", "CSRTP"]),
        layer("Engines", "SCTP", ["Basis", "CUSRSCTP"]),
        layer("Engines", "TOML", ["CTOML"]),
        layer("Engines", "Codecs", ["Basis", "Devices", "RTP", "COpus", "CVPX", "CTurboJPEG"]),
        layer("Engines", "Pixels", ["Devices", "CYUV"]),
        layer("Engines", "VoiceProcessing", ["Devices", "CAudioProcessing", "CSpeexDSP"]),
        layer("Engines", "ICalendar", ["Basis", "Room", "CICal"]),
        layer("Engines", "Painter", ["Devices", "Pixels", "Scene", "CCairo", "CQRCodeGen"]),

        layer("Calls", "MediaSession", ["Basis", "ICE", "DTLSSRTP", "SCTP", "RTP"]),
        layer("Calls", "Conference", ["Basis", "ICE", "DTLSSRTP", "RTP", "XMPP", "Jitsi", "MediaSession", "Room"]),
        layer("Calls", "MediaEngine", ["Basis", "Devices", "Codecs", "Pixels", "RTP", "VoiceProcessing"]),

        layer(
            "Calls", "RoomController",
            [
                "Basis", "Codecs", "Conference", "DTLSSRTP", "Devices", "Jitsi", "MediaEngine", "MediaSession", "RTP",
                "Room", "Scene", "VoiceProcessing",
            ]),

        layer("Adapters", "HostFiles", ["Devices"]),
        layer("Adapters", "NetworkIO", ["Basis", "ICE", "CDatagrams"] + nioClient),
        layer("Adapters", "Panel", ["Basis", "Devices"] + nio),
        layer("Adapters", "LinuxHost", ["Basis", "Devices", "HostFiles", "CLinux"]),
        layer("Adapters", "ALSAAudio", ["Basis", "Devices", "HostFiles", "VoiceProcessing", "CALSA"]),
        layer("Adapters", "DRMDisplay", ["Basis", "Devices", "HostFiles", "CDRM"]),
        layer("Adapters", "V4L2Camera", ["Basis", "Devices", "HostFiles", "Codecs", "Pixels", "CV4L2"]),
        layer("Adapters", "GPIOPanel", ["Basis", "Devices", "HostFiles", "Controls", "CGPIOD"]),
        layer("Adapters", "InputDevices", ["Basis", "Devices", "HostFiles", "Controls", "HID", "CInput"]),
        layer("Adapters", "CECLine", ["Basis", "CEC", "Devices", "HostFiles", "CCEC"]),

        layer("Simulation", "SimulatedBoard", ["Basis", "Devices", "Codecs", "Pixels"]),
        layer(
            "Simulation", "Practice",
            ["Basis", "ICE", "DTLSSRTP", "RTP", "MediaSession", "Devices", "Codecs"]),
        layer(
            "Simulation", "SimWorld",
            [
                "Basis", "Devices", "DTLSSRTP", "RTP", "Jitsi", "Room", "Scene", "MediaSession", "Conference",
                "RoomController", "Practice",
            ]),
        layer("Simulation", "ScreenGallery", ["Devices", "Painter", "Room", "Scene"]),
        layer("Simulation", "PracticeSockets", ["Basis", "DTLSSRTP", "Practice"] + nioWebSocket),

        layer(
            "Appliance", "Appliance",
            [
                "Basis", "Devices", "RTP", "Jitsi", "Room", "Scene", "DTLSSRTP", "Codecs", "Painter", "Pixels",
                "ICalendar", "VoiceProcessing", "MediaSession", "Conference", "MediaEngine", "RoomController",
                "NetworkIO",
                "Panel",
                "LinuxHost",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "visiosalle",
            dependencies: [
                "Appliance", "Basis", "Devices", "Jitsi", "HostFiles", "LinuxHost", "NetworkIO", "Panel", "Practice",
                "PracticeSockets", "Provisioning", "RoomController",
                "Scene", "SimulatedBoard", "ALSAAudio", "CEC", "CECLine", "DRMDisplay", "GPIOPanel", "InputDevices",
                "V4L2Camera", "MediaEngine", "Painter", "Pixels", "ScreenGallery", "VoiceProcessing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], path: "Sources/Appliance/visiosalle", swiftSettings: settings),

        .executableTarget(
            name: "interop",
            dependencies: [
                "Basis", "Devices", "ICE", "RTP", "XMPP", "DTLSSRTP", "Codecs", "MediaSession", "NetworkIO",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/InteropTests/interop", swiftSettings: settings),

        // What composing a screen costs.
        .executableTarget(
            name: "screenbench", dependencies: ["Devices", "Painter", "Scene", "ScreenGallery"],
            path: "Tests/Benchmarks/Screen", swiftSettings: settings),

        // A line for two RTP sessions, of tests and benchmarks.
        .target(
            name: "LineModel", dependencies: ["Basis", "RTP"], path: "Tests/Support/LineModel", swiftSettings: settings),

        // What tests of several targets need: a control source in virtual time; files that go with their holders.
        .target(
            name: "ControlBench", dependencies: ["Basis", "Devices"], path: "Tests/Support/ControlBench",
            swiftSettings: settings),
        .target(name: "TemporaryFiles", path: "Tests/Support/TemporaryFiles", swiftSettings: settings),

        // What media costs, what a packet asks of the memory, and what a poor line does; Scripts/bench runs them.
        .executableTarget(
            name: "mediabench",
            dependencies: [
                "Basis", "CAllocations", "Codecs", "DTLSSRTP", "Devices", "LineModel", "MediaEngine", "Pixels", "RTP",
                "ScreenGallery", "VoiceProcessing",
            ], path: "Tests/Benchmarks/Media", swiftSettings: settings),
        .target(name: "CAllocations", path: "Tests/Benchmarks/CAllocations"),
        .executableTarget(
            name: "packetbench",
            dependencies: [
                "Basis", "CAllocations", "Codecs", "DTLSSRTP", "Devices", "ICE", "MediaEngine", "MediaSession",
                "Painter",
                "RTP", "Scene", "ScreenGallery", "VoiceProcessing",
            ], path: "Tests/Benchmarks/PacketPath", swiftSettings: settings),

        // The parsers of remote bytes under random input; Scripts/fuzz links them with libFuzzer.
        .target(
            name: "FuzzTargets",
            dependencies: ["Basis", "ICE", "RTP", "XMPP", "Jitsi", "Provisioning", "Room", "ICalendar"],
            path: "Tests/Fuzz/FuzzTargets",
            swiftSettings: settings),
        .testTarget(
            name: "FuzzRegressionTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/FuzzRegressionTests",
            swiftSettings: settings),

        .target(name: "CDatagrams", path: "Sources/CLibraries/CDatagrams"),
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        .target(name: "CTOML", path: "Sources/CLibraries/CTOML"),
        // Debian's archive of libvpx, not the shared library: the memory is ours (CVPXMemory.c).
        .target(
            name: "CVPX", path: "Sources/CLibraries/CVPX",
            linkerSettings: [.linkedLibrary(":libvpx.a"), .linkedLibrary("m")]),
        // The archive here as well: the calendar that it wants of ICU is ours (GregorianCalendar.c).
        .target(
            name: "CICal", path: "Sources/CLibraries/CICal", linkerSettings: [.linkedLibrary(":libical.a")]),
        .target(
            name: "CAudioProcessing", path: "Sources/CLibraries/CAudioProcessing",
            cxxSettings: hasAudioProcessing
                ? [
                    .define("VISIOSALLE_WEBRTC_AUDIO_PROCESSING"), .define("WEBRTC_POSIX"), .define("WEBRTC_LINUX"),
                    .unsafeFlags(["-isystem", audioProcessingHeaders]),
                ] : [],
            linkerSettings: hasAudioProcessing ? [.linkedLibrary("webrtc-audio-processing-1")] : []),
        library("CALSA", package: "libasound2-dev"),
        library("CCEC", package: "linux-libc-dev"),
        library("CCairo", pkgConfig: "pangocairo", package: "libpango1.0-dev"),
        library("CDRM", pkgConfig: "libdrm", package: "libdrm-dev"),
        library("CGPIOD", package: "libgpiod-dev"),
        library("CInput", package: "linux-libc-dev"),
        library("COpenSSL", pkgConfig: "openssl", package: "libssl-dev"),
        library("COpus", pkgConfig: "opus", package: "libopus-dev"),
        library("CQRCodeGen", package: "libqrcodegen-dev"),
        library("CSRTP", pkgConfig: "libsrtp2", package: "libsrtp2-dev"),
        library("CSpeexDSP", package: "libspeexdsp-dev"),
        library("CTurboJPEG", pkgConfig: "libturbojpeg", package: "libturbojpeg0-dev"),
        library("CUSRSCTP", package: "libusrsctp-dev"),
        library("CV4L2", package: "libv4l-dev"),
        library("CYUV", package: "libyuv-dev"),

        tests("ALSAAudio", ["Basis", "Devices", "VoiceProcessing"]),
        tests(
            "Appliance",
            [
                "Basis", "Conference", "Devices", "HostFiles", "Jitsi", "LinuxHost", "NetworkIO", "Panel", "Room",
                "RoomController", "Scene",
            ]),
        tests("Basis"),
        tests("CEC", ["Basis", "Devices"]),
        tests("CECLine", ["Basis", "CEC", "Devices"]),
        tests("Codecs", ["Basis", "Devices", "RTP"]),
        tests("Conference", ["Basis", "DTLSSRTP", "Jitsi", "Room"]),
        tests("Controls", ["Basis", "Devices"]),
        tests("DRMDisplay", ["Basis", "Devices"]),
        tests("DTLSSRTP", ["Basis"]),
        tests("Devices"),
        tests("GPIOPanel", ["Basis", "ControlBench", "Devices", "Controls"]),
        tests("HID", ["Basis"]),
        tests("HostFiles", ["Devices", "TemporaryFiles"]),
        tests("ICE", ["Basis"]),
        .testTarget(
            name: "ICalendarTests", dependencies: ["Basis", "ICalendar", "Room"], path: "Tests/ICalendarTests",
            exclude: ["Fixtures"], swiftSettings: settings),
        tests("InputDevices", ["Basis", "ControlBench", "Devices", "Controls", "HID"]),
        tests("Jitsi", ["Basis"]),
        tests("LinuxHost", ["Basis", "Devices", "TemporaryFiles"]),
        tests("MediaEngine", ["Basis", "Codecs", "Devices", "LineModel", "RTP", "VoiceProcessing"]),
        tests("MediaSession", ["Basis", "DTLSSRTP", "ICE", "RTP"]),
        tests("NetworkIO", ["Basis", .product(name: "NIOEmbedded", package: "swift-nio")] + nioClient),
        tests("Painter", ["Basis", "Devices", "Pixels", "Room", "Scene"]),
        tests("Panel", ["Basis", "Devices", .product(name: "NIOEmbedded", package: "swift-nio")] + nio),
        tests("Pixels", ["Devices"]),
        tests(
            "Practice",
            [
                "Basis", "ICE", "DTLSSRTP", "SCTP", "RTP", "MediaSession", "Codecs", "Devices", "PracticeSockets",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("Provisioning", ["Basis", "Devices"]),
        tests("RTP", ["Basis", "LineModel"]),
        tests("Room", ["Basis", "Devices", "HostFiles"]),
        tests(
            "RoomController",
            ["Basis", "Conference", "DTLSSRTP", "Devices", "Jitsi", "HostFiles", "LinuxHost", "Room", "Scene"]),
        tests("SCTP", ["Basis"]),
        tests("Scene", ["Basis", "Devices", "Room"]),
        tests("TOML"),
        .testTarget(
            name: "ScreenGalleryTests", dependencies: ["ScreenGallery", "Devices", "Painter", "Scene"],
            path: "Tests/ScreenGalleryTests", exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "SimulatedBoardTests",
            dependencies: ["SimulatedBoard", "Basis", "Devices", "Pixels", "TemporaryFiles"],
            path: "Tests/SimulatedBoardTests", exclude: ["Fixtures"], swiftSettings: settings),
        tests("V4L2Camera", ["Basis", "Devices", "Codecs", "Pixels"]),
        .testTarget(
            name: "WorldTests",
            dependencies: [
                "SimWorld", "Basis", "Devices", "Jitsi", "Room", "Conference", "MediaSession", "Practice", "RTP",
                "RoomController", "Scene",
            ], path: "Tests/WorldTests", swiftSettings: settings),
        tests("VoiceProcessing", ["Basis", "Devices"]),
        tests("XMPP", ["Basis"]),
    ],
    cxxLanguageStandard: .cxx17
)
