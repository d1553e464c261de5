// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "visiosalle",
    dependencies: [
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0")
    ],
    targets: [
        .target(name: "Basis", path: "Sources/Foundations/Basis", swiftSettings: settings),
        .target(name: "Devices", dependencies: ["Basis"], path: "Sources/Foundations/Devices", swiftSettings: settings),
        .target(name: "Pixels", dependencies: ["Devices", "CYUV"], path: "Sources/Engines/Pixels", swiftSettings: settings),
        .target(name: "Room", dependencies: ["Basis"], path: "Sources/Product/Room", swiftSettings: settings),
        .target(
            name: "Provisioning", dependencies: ["TOMLKit"], path: "Sources/Product/Provisioning",
            swiftSettings: settings),
        .systemLibrary(name: "CYUV", path: "Sources/CLibraries/CYUV", providers: [.apt(["libyuv-dev"])]),
        .testTarget(name: "BasisTests", dependencies: ["Basis"], swiftSettings: settings),
        .testTarget(name: "DevicesTests", dependencies: ["Devices"], swiftSettings: settings),
        .testTarget(name: "RoomTests", dependencies: ["Room", "Basis"], swiftSettings: settings),
        .testTarget(name: "ProvisioningTests", dependencies: ["Provisioning"], swiftSettings: settings),
        .testTarget(name: "PixelsTests", dependencies: ["Pixels", "Devices"], swiftSettings: settings),
    ]
)
