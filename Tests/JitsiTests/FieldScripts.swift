/// Shapes of config.js that servers have, as small as they still show what they are about.
enum FieldScripts {
    static let literalThenLocation =
        """
        var config = {
            hosts: { domain: 'visio.ville.example', muc: 'conference.visio.ville.example' },
            websocket: 'wss://agenda.ville.example:18443/xmpp-websocket'
        };
        config.websocket = 'wss://' + window.location.host + '/xmpp-websocket';
        """

    static let locationOnly =
        """
        var subdir = '<!--# echo var="subdir" default="" -->';
        var subdomain = '<!--# echo var="subdomain" default="" -->';

        if (subdomain) {
            subdomain = subdomain.substr(0, subdomain.length - 1).split('.')
                .join('_')
                .toLowerCase() + '.';
        }

        // In case of no ssi provided by the webserver, use empty strings
        if (subdir.startsWith('<!--')) {
            subdir = '';
        }
        if (subdomain.startsWith('<!--')) {
            subdomain = '';
        }

        var config = {
            // Connection
            hosts: {
                domain: 'old-name.example.org',
                muc: 'conference.' + subdomain + 'old-name.example.org',
            },
            bosh: '//' + window.location.hostname + ':18443/' + subdir + 'http-bind',
            websocket: 'wss://' + window.location.hostname + ':18443/' + subdir + 'xmpp-websocket',
            websocketKeepAlive: 'https://' + window.location.hostname + ':18443/' + subdir + '_unlock',
        };
        """

    static let deletions =
        """
        var config = {
            hosts: {
                domain: 'visio.ville.example',
                anonymousdomain: 'guest.visio.ville.example',
                muc: 'conference.visio.ville.example',
            },
            bosh: '//visio.ville.example:18443/http-bind',
            hiddenDomain: 'recorder.visio.ville.example',
        };

        // only tokens from now on
        config.bosh = 'https://visio.ville.example:18443/http-bind';
        config.websocket = 'wss://visio.ville.example:18443/xmpp-websocket';
        config.hosts = config.hosts || {};
        config.hosts.domain = 'visio.ville.example';
        config.hosts.muc = 'conference.visio.ville.example';
        delete config.hosts.anonymousdomain;
        delete config.hiddenDomain;
        config.enableLobby = false;
        """

    static let hostsReplaced =
        """
        var config = {
            hosts: {
                domain: 'jitsi-meet.example.com',
                anonymousdomain: 'guest.example.com',
                focus: 'focus.jitsi-meet.example.com',
                muc: 'conference.jitsi-meet.example.com',
            },
            bosh: '//jitsi-meet.example.com/http-bind',
        };
        /* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */
        config.hosts =
            {
                // XMPP domain.
                domain: 'visio.ville.example',

                // When using authentication, domain for guest users.
                // anonymousdomain: 'guest.example.com',

                // XMPP MUC domain. FIXME: use XEP-0030 to discover it.
                muc: 'conference.' + 'visio.ville.example',
            };

            // BOSH URL. FIXME: use XEP-0156 to discover it.
        config.bosh = '//visio.ville.example:18443/' + 'http-bind';

            // Websocket URL
        config.websocket = 'wss://visio.ville.example:18443/' + 'xmpp-websocket';
        """

    static let variable =
        """
        var mucDomain = 'salles.visio.ville.example';
        var config = {
            hosts: { domain: 'visio.ville.example', muc: mucDomain },
            websocket: 'wss://visio.ville.example:18443/xmpp-websocket'
        };
        """

    static let regularExpression =
        """
        var config = {
            getroomnode: function (path) {
                var m = /["'(]/.exec(path);
                return m ? m[0] : new RegExp('[\\\\?&]r=([^&#]*)').exec(window.location.href)[1] || undefined;
            },
            hosts: { domain: 'visio.ville.example', muc: 'salles.visio.ville.example' },
            websocket: 'wss://visio.ville.example:18443/xmpp-websocket'
        };
        """

    static let prefersBOSH =
        """
        var config = {
            preferBosh: true,
            hosts: { domain: 'visio.ville.example', muc: 'conference.visio.ville.example' },
            bosh: 'https://visio.ville.example:18443/http-bind',
            websocket: 'wss://visio.ville.example:18443/xmpp-websocket',
        };
        """
}
