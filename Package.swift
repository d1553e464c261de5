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
    targets: [
        .target(name: "Basis", path: "Sources/Foundations/Basis", swiftSettings: settings),
        .testTarget(name: "BasisTests", dependencies: ["Basis"], swiftSettings: settings),
    ]
)
