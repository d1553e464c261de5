import Devices
import Testing

@testable import V4L2Camera

@Suite struct CameraFinderTests {
    private static func machine() -> FakeKernel {
        let kernel = FakeKernel()
        kernel.add(FakeNode(), number: 10, name: "Grabber", usb: ("1-2", "534d", "2109", nil))
        kernel.add(FakeNode(), number: 2, name: "HD Webcam", usb: ("1-1.2", "046d", "0825", "A1B2"))
        kernel.add(FakeNode(), number: 3, name: "HD Webcam", usb: ("1-1.3", "046d", "0825", "C3D4"))
        kernel.add(FakeNode(), number: 0, name: "bcm2835-isp")
        return kernel
    }

    private func order(_ kernel: FakeKernel, _ identities: String...) -> [String] {
        CameraFinder(calls: kernel).nodes(orderedBy: identities.compactMap { DeviceIdentity($0) }).map {
            String($0.node.dropFirst("/dev/video".count))
        }
    }

    @Test func readsWhatSysfsTells() {
        let nodes = CameraFinder(calls: Self.machine()).nodes()
        #expect(nodes.map(\.node) == ["/dev/video0", "/dev/video2", "/dev/video3", "/dev/video10"])
        #expect(
            nodes[1]
                == DeviceFacts(
                    node: "/dev/video2", name: "HD Webcam", vendor: 0x046D, product: 0x0825, serial: "A1B2",
                    port: "1-1.2"))
        #expect(nodes[0] == DeviceFacts(node: "/dev/video0", name: "bcm2835-isp"))
    }

    @Test func theListOrdersAndTheRestFollows() {
        let kernel = Self.machine()
        #expect(order(kernel) == ["0", "2", "3", "10"])
        #expect(order(kernel, "usb:046d:0825:C3D4") == ["3", "0", "2", "10"])
        #expect(order(kernel, "name:grab", "usb:046d:0825") == ["10", "2", "3", "0"])
        #expect(order(kernel, "port:1-1.3", "usb:046d:0825") == ["3", "2", "0", "10"])
        #expect(order(kernel, "usb:dead:beef") == ["0", "2", "3", "10"])
    }

    @Test func aPathMayBeALink() {
        let kernel = Self.machine()
        kernel.links["/dev/v4l/by-id/usb-webcam-video-index0"] = "/dev/video3"
        #expect(order(kernel, "path:/dev/v4l/by-id/usb-webcam-video-index0").first == "3")
        #expect(order(kernel, "path:/dev/video10").first == "10")
    }

    @Test func strangeEntriesArePassedOver() {
        let kernel = FakeKernel()
        for name in ["video", "videoX", "video-1", "v4l-subdev0", "radio0", "video99999999999", "video7"] {
            kernel.files["/sys/class/video4linux/\(name)/name"] = "x"
        }
        kernel.links["/sys/class/video4linux/video7/device"] = "relative"
        #expect(CameraFinder(calls: kernel).nodes() == [DeviceFacts(node: "/dev/video7", name: "x")])
    }

    @Test func theInventoryShowsCamerasOnlyAndWhatTheyCanDo() {
        let kernel = Self.machine()
        var metadata = FakeNode()
        metadata.capability.deviceCapabilities = [.streaming]
        kernel.add(metadata, number: 4, name: "HD Webcam", usb: ("1-1.2", "046d", "0825", "A1B2"))
        kernel.nodes["/dev/video0"]?.capability.deviceCapabilities = [.memoryToMemory, .videoCapture, .streaming]
        kernel.failure = (.enumerateFormat, 0, 5, 1)
        let list = CameraInventory.list(calls: kernel)
        #expect(list.map(\.facts.node) == ["/dev/video2", "/dev/video3", "/dev/video10"])
        #expect(list[0].error?.errno == 5)
        #expect(list[0].offers.isEmpty)
        #expect(list[1].offers.map(\.format) == [.yuyv])
        #expect(list[1].preferred?.size == PictureSize(width: 64, height: 32))
        #expect(list[1].facts.identity.description == "usb:046d:0825:C3D4")
        #expect(kernel.openDescriptors == 0)
        #expect(!kernel.isStreaming)
    }
}
