"""The way in by redirect: the nginx of docs/dns.md before the overlay, and real curl."""

import os
import re
import unittest

from harness.overlay import Overlay, Site, at
from harness.processes import Folder, Process, accepts, free_port, run, wait_until
from test_documentation import blocks

PLAIN, STEERED = "shop.test", "www.shop.test"
HTML = ("-H", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")

NGINX = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr notice;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  {snippet}
}}
"""


class Redirected(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = Folder("dns-redirect")
        cls.addClassCleanup(folder.remove)
        (folder.path / "site").mkdir()
        (folder.path / "site/page.html").write_text("a page\n")
        cls.port = free_port()
        snippet, = blocks("docs/dns.md", "nginx")
        for theirs, ours in (("listen 80;", f"listen {at(cls.port)};"), ("root /srv/shop;", f"root {folder.path}/site;")):
            assert snippet.count(theirs) == 2, snippet
            snippet = snippet.replace(theirs, ours)
        user = "user root;" if os.getuid() == 0 else ""
        (folder.path / "nginx.conf").write_text(NGINX.format(folder=folder.path, snippet=snippet, user=user))
        nginx = Process("nginx", ["nginx", "-p", folder.path, "-c", folder.path / "nginx.conf", "-e", "stderr"],
                        folder.path / "nginx.log")
        cls.addClassCleanup(nginx.kill)
        wait_until(lambda: accepts(cls.port) or not nginx.running(), "nginx")
        origin = {"address": at(cls.port)}
        cls.overlay = Overlay(Site(hosts=[PLAIN, STEERED], origins=[origin])).start()
        cls.addClassCleanup(cls.overlay.stop)

    def curl(self, host, *words, direct=True, path="/page.html?a=b%20c"):
        """(status, headers, text, how often it was sent on). The plain name is the origin's, or all is the overlay's."""
        plain = at(self.port) if direct else at(self.overlay.port)
        told = run(["curl", "-sS", "-i", "--max-time", "20", "--max-redirs", "5",
                    "--connect-to", f"{PLAIN}:80:{plain}", "--connect-to", f"{STEERED}:80:{at(self.overlay.port)}",
                    "-w", "\n%{num_redirects} %{url_effective}", *words, f"http://{host}{path}"]).stdout
        last = re.split(r"(?m)^(?=HTTP/1\.1 )", told)[-1].replace("\r\n", "\n")
        head, _, text = last.partition("\n\n")
        headers = {name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*)$", head)}
        return int(head.split()[1]), headers, text, told.rsplit("\n", 1)[1]

    def test_a_browser_is_sent_on_once_and_gets_the_page(self):
        for method in ("-G", "--head"):
            status, headers, _, _ = self.curl(PLAIN, *HTML, method)
            self.assertEqual((status, headers["location"]), (307, f"http://{STEERED}/page.html?a=b%20c"))
            self.assertEqual((headers["cache-control"], headers["vary"]), ("no-store", "Accept"))
        status, headers, text, way = self.curl(PLAIN, *HTML, "-L")
        self.assertEqual((status, way), (200, f"1 http://{STEERED}/page.html?a=b%20c"))
        self.assertTrue(text.startswith("a page\n"), text)
        self.assertIn("pop-1", headers["via"])
        self.assertNotIn("vary", headers, "what came through the overlay is the same for everybody")

    def test_the_check_of_the_documentation(self):
        checks, = [block for block in blocks("docs/dns.md", "sh") if "curl " in block]
        command, location = re.search(r"^(curl .*?) +# 307, and (Location: .*)$", checks, re.M).groups()
        told = run(["bash", "-euc", f"{command} --connect-to {PLAIN}:80:{at(self.port)}"]).stdout
        self.assertRegex(told, rf"(?s)\AHTTP/1\.1 307 .*\n{re.escape(location)}\n")

    def test_other_requests_are_answered_at_once(self):
        for words in ((), ("-H", "Accept: image/png"), ("-H", "Accept:")):
            status, headers, text, way = self.curl(PLAIN, *words, "-L")
            self.assertEqual((status, way), (200, f"0 http://{PLAIN}/page.html?a=b%20c"), words)
            self.assertEqual(headers["vary"], "Accept")
            self.assertNotIn("cache-control", headers)
        status, _, _, way = self.curl(PLAIN, *HTML, "-X", "POST", "-d", "x")
        self.assertEqual((status, way[0]), (405, "0"), "a form is answered where it was sent to: here nobody takes any")

    def test_there_is_no_way_round_in_a_circle(self):
        # All names lead to the overlay, or all to the origin: as where somebody points them there by and by.
        status, headers, _, way = self.curl(PLAIN, *HTML, "-L", direct=False)
        self.assertEqual((status, way[0]), (200, "0"))
        self.assertNotIn("vary", headers)
        told = run(["curl", "-sS", "-L", "--max-redirs", "5", *HTML, "-w", "%{num_redirects}",
                    "--connect-to", f"::{at(self.port)}", f"http://{PLAIN}/page.html"]).stdout
        self.assertEqual(told, "a page\n1")
