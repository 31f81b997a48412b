package pgtest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// freePorts are three ports on which nobody listens, from a range out of which no system gives ports to clients: a server
// that is stopped for a while finds its port free.
func freePorts() (ports [3]int, err error) {
	for i := range ports {
		l, err := listenAnywhere()
		if err != nil {
			return ports, err
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func listenAnywhere() (net.Listener, error) {
	for range 100 {
		port := 15000 + rand.IntN(15000)
		if l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, errors.New("find a free port: none of a hundred is")
}
