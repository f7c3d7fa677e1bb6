//! Pictures: long computations with large frames.

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

#[test]
fn image() {
    everywhere(50, |i| {
        let picture = RgbImage::from_fn(48, 32, |x, y| Rgb([x as u8, y as u8, i as u8]));
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        gosched();
        let read = image::load_from_memory(png.get_ref()).unwrap().into_rgb8();
        assert_eq!(read, picture);
        let small = imageops::resize(&read, 12, 8, FilterType::Triangle);
        gosched();
        assert_eq!(small.dimensions(), (12, 8));
        assert_eq!(small.get_pixel(5, 5).0[2], i as u8);
    });
}
