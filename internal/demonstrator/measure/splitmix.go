package measure

// SplitMix64 is a generator of random numbers whose draws stay the same for ever, on
// any machine: a counter and a mixing function (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014). Its value is the seed.
type SplitMix64 uint64

// Next is the next number, from 0 to 2^64 - 1, all equally likely.
func (r *SplitMix64) Next() uint64 {
	*r += 0x9e3779b97f4a7c15 // the odd number nearest to 2^64 / phi
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
