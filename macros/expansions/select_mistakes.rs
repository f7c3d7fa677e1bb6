// select! {
//     v := <-a => v.unwrap(),
//     w = <-b => w.unwrap(),
// }

fn body() {
    {
        enum Chosen<T0> {
            Arm0(T0),
        }
        let mut place0 = ::core::mem::MaybeUninit::uninit();
        let chosen = {
            use goroutines::__private as __goroutines;
            match (__goroutines::recv_case(&b).place(&mut place0),) {
                (mut arm0,) => {
                    match __goroutines::select([arm0.arm()]) {
                        _ => Chosen::Arm0(arm0.take()),
                    }
                }
            }
        };
        match chosen {
            _ => {
                match ::core::compile_error! {
                    "Rust has no `:=`; write `v = <-rx => ..`"
                } {
                    v => v.unwrap(),
                }
            }
            Chosen::Arm0(value) => {
                let w = value.get();
                w.unwrap()
            }
        }
    }
}
