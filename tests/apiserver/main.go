// Command apiserver is a real kube-apiserver with its own etcd in one process, on loopback, for the tests: no kubelet, no controllers, no scheduler.
// It prints one line of JSON once it is ready, and ends, taking its directory with it, when its standard input does: it never outlives its parent.
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		os.Exit(1)
	}
	return value
}

// free asks the kernel for a port; nothing else on loopback takes it in the moment until it is listened on.
func free() url.URL {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	return url.URL{Scheme: "http", Host: l.Addr().String()}
}

func main() {
	dir := must(os.MkdirTemp("", "a2-apiserver-"))
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(path, os.WriteFile(path, []byte(text), 0o600))
		return path
	}

	cfg := embed.NewConfig()
	cfg.Dir, cfg.LogLevel, cfg.UnsafeNoFsync = filepath.Join(dir, "etcd"), "error", true
	cfg.QuotaBackendBytes = 8 << 30                   // a hundred thousand pods for a benchmark
	cfg.MaxRequestBytes, cfg.MaxTxnOps = 64<<20, 4096 // a whole recorded case is one transaction
	client, peer := free(), free()
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	<-must(embed.StartEtcd(cfg)).Server.ReadyNotify()

	key := must(keyutil.MarshalPrivateKeyToPEM(must(rsa.GenerateKey(rand.Reader, 2048))))
	sa := write("sa.key", string(key))
	admin, user := rand.Text(), rand.Text()
	secure := free()
	secure.Scheme = "https"
	cmd := app.NewAPIServerCommand()
	cmd.SetArgs(append([]string{
		"--etcd-servers=" + client.String(),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + secure.Port(), "--cert-dir=" + dir,
		"--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none",
		"--service-account-issuer=https://a2.test", "--service-account-key-file=" + sa, "--service-account-signing-key-file=" + sa,
		"--token-auth-file=" + write("tokens.csv", admin+",admin,admin,system:masters\n"+user+",a2,a2,on-call\n"),
		"--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount",
		"--kubelet-preferred-address-types=InternalIP", "--event-ttl=720h",
		"--audit-log-path=" + filepath.Join(dir, "audit.log"),
		"--audit-policy-file=" + write("audit.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"),
	}, os.Args[1:]...))
	kubeconfig := write("kubeconfig", fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: admin
clusters: [{name: test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: admin, user: {token: %s}}, {name: a2, user: {token: %s}}]
contexts: [{name: admin, context: {cluster: test, user: admin}}, {name: a2, context: {cluster: test, user: a2}}]
`, secure.String(), filepath.Join(dir, "apiserver.crt"), admin, user))

	go func() {
		insecure := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		for ready := false; !ready; time.Sleep(20 * time.Millisecond) {
			answer, err := insecure.Get(secure.String() + "/readyz")
			ready = err == nil && answer.StatusCode == http.StatusOK
		}
		json.NewEncoder(os.Stdout).Encode(map[string]string{"dir": dir, "kubeconfig": kubeconfig, "etcd": client.String()})
		io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		os.RemoveAll(dir)
		os.Exit(0)
	}()
	err := cmd.Execute()
	os.RemoveAll(dir)
	must(0, err)
}
