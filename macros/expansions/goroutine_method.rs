// #[goroutine(stack = "64KiB")] pub fn parse<'a>(&'a mut self, mut depth: u32, (from, _): (usize, usize)) -> Result<impl Iterator<Item = &'a Token>, Error> {
//     while depth > 0 { depth -= 1; }
//     Ok(self.tokens[from..].iter())
// }

pub fn parse<'a>(
    &'a mut self,
    depth: u32,
    p2: (usize, usize),
) -> Result<impl Iterator<Item = &'a Token>, Error> {
    ::goroutines::__private::prologue(
        65536,
        move || -> Result<_, Error> {
            let mut depth: u32 = depth;
            let p2 = p2;
            let (from, _): (usize, usize) = p2;
            while depth > 0 {
                ::goroutines::__private::back_edge();
                depth -= 1;
            }
            Ok(self.tokens[from..].iter())
        },
    )
}
