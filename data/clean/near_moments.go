package clean

// moments are sums over pairs of levels, exact in integers.
type moments struct {
	n                int64
	p, pp, ppp, pppp int64
	q, qq, qp, qpp   int64
}

func (m *moments) add(p, q int64) {
	pp := p * p
	m.n++
	m.p += p
	m.pp += pp
	m.ppp += pp * p
	m.pppp += pp * pp
	m.q += q
	m.qq += q * q
	m.qp += q * p
	m.qpp += q * pp
}

// left is the share of q's variance that no curve a + b·p + c·p² explains. Each product is rounded
// separately: fused ones would differ between machines.
func (m *moments) left() float64 {
	n := float64(m.n)
	covariance := func(xy, x, y int64) float64 { return float64(float64(xy)*n) - float64(float64(x)*float64(y)) }
	qq := covariance(m.qq, m.q, m.q)
	floor := float64(n * n * flattest)
	if qq < floor {
		qq = floor // nearly flat: differences are noise
	}
	pp, p2p, p2p2 := covariance(m.pp, m.p, m.p), covariance(m.ppp, m.pp, m.p), covariance(m.pppp, m.pp, m.pp)
	qp, qp2 := covariance(m.qp, m.q, m.p), covariance(m.qpp, m.q, m.pp)
	if pp <= 0 || qp <= 0 {
		return covariance(m.qq, m.q, m.q) / qq
	}
	explained := float64(qp*qp) / pp
	rest := p2p2 - float64(p2p*p2p)/pp // of p², beyond what p explains
	if rest > float64(p2p2*1e-6) {
		over := qp2 - float64(p2p*qp)/pp
		explained += float64(over*over) / rest
	}
	return (covariance(m.qq, m.q, m.q) - explained) / qq
}

// flattest is the smallest variance, in levels², that differences are relative to.
const flattest = 4
