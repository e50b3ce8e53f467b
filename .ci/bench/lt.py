"""libtorrent in one of three roles, for the benchmark.

    lt.py join|rest|seed PORT DATA TORRENTS

join: adds all of TORRENTS, downloads to DATA, ends when all is complete.
rest: adds all, checks what is in DATA, says "ready", and stays.
seed: the same, and a line "peer PORT" on standard input makes it connect there.
"""

import os
import sys

import libtorrent as lt

role, port, data, torrents = sys.argv[1:]
session = lt.session({
    "listen_interfaces": f"127.0.0.1:{port}",
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_incoming_utp": False, "enable_outgoing_utp": False,
    "allow_multiple_connections_per_ip": True,
    "active_downloads": -1, "active_seeds": -1, "active_limit": -1, "active_checking": 8,
    "active_tracker_limit": -1, "active_dht_limit": -1, "active_lsd_limit": -1,
    "connections_limit": 20000, "connection_speed": 2000, "unchoke_slots_limit": -1,
    "listen_queue_size": 4096, "max_concurrent_http_announces": 200, "max_peerlist_size": 200,
    "max_out_request_queue": 1500, "max_allowed_in_request_queue": 4000, "file_pool_size": 500,
    "alert_mask": lt.alert.category_t.status_notification,
    "alert_queue_size": 100000,
})
names = sorted(os.listdir(torrents))
for name in names:
    p = lt.add_torrent_params()
    p.ti = lt.torrent_info(os.path.join(torrents, name))
    p.save_path = data
    p.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    session.async_add_torrent(p)

complete = set()
while len(complete) < len(names):
    session.wait_for_alert(1000)
    for a in session.pop_alerts():
        if isinstance(a, lt.torrent_finished_alert):
            complete.add(str(a.handle.info_hash()))
if role == "join":
    os._exit(0)
print("ready", flush=True)
for line in sys.stdin:
    if line == "announce\n":
        for handle in session.get_torrents():
            handle.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)
    if line.startswith("peer "):
        for handle in session.get_torrents():
            handle.connect_peer(("127.0.0.1", int(line.split()[1])))
