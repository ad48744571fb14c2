"""Certificates for clients and origins, made with openssl."""

import ssl

from harness.processes import run


class Certificate:
    """A certificate, its key, and TLS contexts that use them."""

    def __init__(self, folder, name):
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"

    def server(self, clients=None):
        """For a server; with `clients`, an authority, it asks for a client's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.certificate)
        return context


class Authority(Certificate):
    """A private authority."""

    def __init__(self, folder, name="ca"):
        super().__init__(folder, name)
        self.folder = folder
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate])

    def issue(self, name, subject="DNS:shop.test"):
        made = Certificate(self.folder, name)
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={subject}\n")
        run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
             "-keyout", made.key, "-out", request])
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
             "-days", "2", "-extfile", extensions, "-out", made.certificate])
        return made

    def client(self, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
        """For a client that trusts only this authority."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.minimum_version, context.maximum_version = lowest, highest
        return context
