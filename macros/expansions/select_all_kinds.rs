// select! {
//     biased;
//     Some((a, b)) = <-pairs else continue => use_both(a, b),
//     <-done => return,
//     mut v: Option<u8> = <-self.bytes => { v.take(); }
//     self.out[i] <- move slot => {}
//     default => idle(),
// }

fn body() {
    {
        enum Chosen<T0, T2> {
            Arm0(T0),
            Arm1,
            Arm2(T2),
            Arm3,
            Default,
        }
        let mut place0 = ::core::mem::MaybeUninit::uninit();
        let mut place1 = ::core::mem::MaybeUninit::uninit();
        let mut place2 = ::core::mem::MaybeUninit::uninit();
        let mut place3 = ::core::mem::MaybeUninit::uninit();
        let chosen = {
            use goroutines::__private as __goroutines;
            match (
                __goroutines::recv_case(&pairs).place(&mut place0),
                __goroutines::recv_case(&done).place(&mut place1),
                __goroutines::recv_case(&self.bytes).place(&mut place2),
                __goroutines::send_case(&self.out[i]).slot_in(&mut slot, &mut place3),
            ) {
                (mut arm0, mut arm1, mut arm2, mut arm3) => {
                    match __goroutines::try_select_biased([
                        arm0.arm(),
                        arm1.arm(),
                        arm2.arm(),
                        arm3.arm(),
                    ]) {
                        ::core::option::Option::Some(0) => Chosen::Arm0(arm0.take()),
                        ::core::option::Option::Some(1) => {
                            arm1.discard();
                            Chosen::Arm1
                        }
                        ::core::option::Option::Some(2) => Chosen::Arm2(arm2.take()),
                        ::core::option::Option::Some(_) => {
                            arm3.finish();
                            Chosen::Arm3
                        }
                        ::core::option::Option::None => Chosen::Default,
                    }
                }
            }
        };
        match chosen {
            Chosen::Arm0(value) => {
                let Some((a, b)) = value.get() else { continue };
                use_both(a, b)
            }
            Chosen::Arm1 => return,
            Chosen::Arm2(value) => {
                let mut v: Option<u8> = value.get();
                v.take();
            }
            Chosen::Arm3 => {}
            Chosen::Default => idle(),
        }
    }
}
