// select! {
//     v = <-rx => println!("{v:?}"),
//     tx <- make() => break,
// }

fn body() {
    {
        enum Chosen<T0> {
            Arm0(T0),
            Arm1,
        }
        let mut place0 = ::core::mem::MaybeUninit::uninit();
        let mut place1 = ::core::mem::MaybeUninit::uninit();
        let chosen = {
            use goroutines::__private as __goroutines;
            match (
                __goroutines::recv_case(&rx).place(&mut place0),
                __goroutines::send_case(&tx).value_in(make(), &mut place1),
            ) {
                (mut arm0, mut arm1) => {
                    match __goroutines::select([arm0.arm(), arm1.arm()]) {
                        0 => Chosen::Arm0(arm0.take()),
                        _ => {
                            arm1.finish();
                            Chosen::Arm1
                        }
                    }
                }
            }
        };
        match chosen {
            Chosen::Arm0(value) => {
                let v = value.get();
                println!("{v:?}")
            }
            Chosen::Arm1 => break,
        }
    }
}
